-- The least that can be done for a value: one key, one number.
create table bare (id integer primary key, value double precision not null);
insert into bare select number, 0 from generate_series(1, 50000) as number;
