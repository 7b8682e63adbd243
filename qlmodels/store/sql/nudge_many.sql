select nudge.q_value, nudge.is_new from public.nudge_q_values($1, $2::text::jsonb) as nudge
