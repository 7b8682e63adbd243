select public.delete_rows('patterns', array(select pattern_id::text from public.patterns limit 5000))
