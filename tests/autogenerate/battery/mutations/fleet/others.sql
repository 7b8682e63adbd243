-- case: a rule on a table
-- expects: seen
create rule quiet as on delete to public.sessions do instead nothing;

-- case: extended statistics
-- expects: seen
create statistics public.pairs on state_hash, action_hash from public.q_values;

-- case: an aggregate
-- expects: seen
create aggregate public.longest(text) (sfunc = textcat, stype = text);

-- case: a child table
-- expects: seen
create table public.sessions_old () inherits (public.sessions);

-- case: a partitioned table
-- expects: seen
create table public.log (at timestamptz, line text) partition by range (at);

-- case: an operator
-- expects: seen
create operator public.=== (leftarg = text, rightarg = text, function = texteq);

-- case: a collation
-- expects: seen
create collation public.bytes from "C";

-- case: a text search configuration
-- expects: seen
create text search configuration public.plain (copy = simple);

-- case: a foreign table
-- expects: seen
-- by: superuser
create extension postgres_fdw with schema extensions;
create server elsewhere foreign data wrapper postgres_fdw;
create foreign table public.remote (line text) server elsewhere;

-- case: a cast
-- expects: seen
create type public.mood as enum ('good');
create function public.mood_number(public.mood) returns int language sql return 1;
create cast (public.mood as int) with function public.mood_number(public.mood);

-- case: an operator family
-- by: superuser
-- expects: seen
create operator family public.family using btree;

-- case: an event trigger
-- by: superuser
-- expects: seen
create function public.on_ddl() returns event_trigger language plpgsql as 'begin end';
create event trigger on_ddl on ddl_command_end execute function public.on_ddl();
