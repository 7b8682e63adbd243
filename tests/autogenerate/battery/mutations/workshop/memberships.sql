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
