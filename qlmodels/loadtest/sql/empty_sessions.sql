select public.delete_rows('sessions', array(select session_id::text from public.sessions limit 5000))
