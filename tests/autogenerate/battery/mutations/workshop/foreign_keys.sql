-- case: not deferrable
alter table workshop.tools alter constraint tools_maker not deferrable;

-- case: initially immediate
alter table workshop.tools alter constraint tools_maker initially immediate;
