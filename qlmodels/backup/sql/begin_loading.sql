-- Rows come as they were: no trigger of ours writes beside them. COPY refuses row security, which the
-- owner is under; the table is closed to others until the transaction ends.
alter table {table} disable trigger user;
alter table {table} no force row level security;
