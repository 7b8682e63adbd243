-- the moment of the last change is part of the row; undone with the transaction if that fails
alter table public.agent_types {what} trigger touch_updated_at
