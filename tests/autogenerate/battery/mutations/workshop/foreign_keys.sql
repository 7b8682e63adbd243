-- case: not deferrable
alter table workshop.tools alter constraint tools_maker not deferrable;

-- case: initially immediate
alter table workshop.tools alter constraint tools_maker initially immediate;

-- case: not enforced under row security
-- from: 18
alter table workshop.loans alter constraint loans_tool not enforced;
