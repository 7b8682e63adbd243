-- whatever the login or the database has set: every digit of a number, and moments in UTC
set local row_security = on;
set local extra_float_digits = 1;
set local timezone = 'UTC';
