alter table {table} enable trigger user;
