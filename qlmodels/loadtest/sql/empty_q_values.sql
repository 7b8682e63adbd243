select public.delete_rows('q_values', array(select q_value_id::text from public.q_values limit 5000))
