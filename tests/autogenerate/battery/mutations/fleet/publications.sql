-- case: a publication over a declared table
-- expects: nothing
create publication somebody_else for table public.q_values;
