\set number random(1, :rows)
\set value random(-1000, 1000)
select public.upsert_q_value('test-generator', encode(sha256(int4send(:number)), 'hex'), :state, 'pgbench', :action, :value / 100.0)
