-- case: a function is dropped
alter table workshop.tools alter column label drop default;

-- case: a constant instead of a function
alter table workshop.tools alter column label set default 'none';

-- case: a document inside out
alter table workshop.tools alter column attributes set default '{"unit": "inch", "sizes": [1, 2]}';

-- case: the function too is dropped
drop function workshop.next_label() cascade;

-- case: of a domain's column
alter table workshop.tools alter column price set default 5;

-- case: another keyword
alter table workshop.loans alter column borrower set default session_user;
