-- case: always instead of by default
alter table workshop.makers alter column maker_id set generated always;

-- case: start
alter table workshop.makers alter column maker_id set start with 500;

-- case: dropped
alter table workshop.makers alter column maker_id drop identity;
