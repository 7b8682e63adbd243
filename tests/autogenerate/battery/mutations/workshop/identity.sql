-- case: always instead of by default
alter table workshop.makers alter column maker_id set generated always;

-- case: start
alter table workshop.makers alter column maker_id set start with 500;

-- case: dropped
alter table workshop.makers alter column maker_id drop identity;

-- case: its sequence is unlogged
alter sequence workshop.makers_maker_id_seq set unlogged;

-- case: its sequence has another name
alter sequence workshop.makers_maker_id_seq rename to maker_numbers;
