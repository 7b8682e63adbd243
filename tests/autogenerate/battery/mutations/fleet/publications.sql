-- case: a publication over a declared table
create publication somebody_else for table public.q_values;
