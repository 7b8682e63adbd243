-- case: dropped
revoke workshop_reader from workshop_writer;
-- afterwards
grant workshop_reader to workshop_writer;

-- case: one more
grant workshop_writer to workshop_visitor;
-- afterwards
revoke workshop_writer from workshop_visitor;

-- case: admin
grant workshop_reader to workshop_writer with admin option;
-- afterwards
revoke admin option for workshop_reader from workshop_writer;

-- case: without inheriting
-- from: 16
grant workshop_reader to workshop_writer with inherit false;
-- afterwards
grant workshop_reader to workshop_writer with inherit true;

-- case: without becoming it
-- from: 16
grant workshop_reader to workshop_writer with set false;
-- afterwards
grant workshop_reader to workshop_writer with set true;

-- case: in a role that nobody declared
-- by: superuser
-- expects: seen
create role workshop_stranger;
grant workshop_stranger to workshop_reader;
-- afterwards
drop role workshop_stranger;

-- case: in a role that reads everything
-- by: superuser
-- expects: seen
grant pg_read_all_data to workshop_visitor;
-- afterwards
revoke pg_read_all_data from workshop_visitor;
