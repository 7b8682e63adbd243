-- case: nulls distinct
alter table workshop.makers drop constraint makers_name;
alter table workshop.makers add constraint makers_name unique (name, country);

-- case: not deferrable
alter table workshop.tools drop constraint tools_label;
alter table workshop.tools add constraint tools_label unique (label);

-- case: with columns beside it
alter table workshop.tools drop constraint tools_label;
alter table workshop.tools add constraint tools_label unique (label) include (name) deferrable;
