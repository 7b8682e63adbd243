-- case: default of an argument
create or replace function workshop.discounted(amount numeric, rate numeric default 0.2)
returns numeric language sql immutable strict parallel safe cost 10
set search_path = pg_catalog, pg_temp
return round(amount * (1 - rate), 2);

-- case: parsed body
create or replace function workshop.discounted(amount numeric, rate numeric default 0.1)
returns numeric language sql immutable strict parallel safe cost 10
set search_path = pg_catalog, pg_temp
return round(amount * (1 - rate), 4);

-- case: not strict
alter function workshop.discounted(numeric, numeric) called on null input;

-- case: type of an argument, under a view
drop function workshop.discounted(numeric, numeric) cascade;
create function workshop.discounted(amount double precision, rate numeric default 0.1)
returns numeric language sql as $$ select amount::numeric * rate $$;

-- case: type of the result
drop function workshop.loans_of(text);
create function workshop.loans_of(who text) returns text
language sql stable security definer as $$ select who $$;

-- case: number of rows
alter function workshop.loans_of(text) rows 1000;
