select public.upsert_q_values($1::text::jsonb) as ids
