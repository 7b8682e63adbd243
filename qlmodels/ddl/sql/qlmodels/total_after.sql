-- A sum of rewards with one more. Inlined into the statements that call it. It ends at 1e300 either
-- way: an episode whose return is near the largest double precision is recorded, too.
create or replace function qlmodels.total_after(p_total double precision, p_added double precision)
returns double precision
language sql immutable parallel safe
return least(greatest(
    least(greatest(p_total, -1e300), 1e300) + least(greatest(p_added, -1e300), 1e300), -1e300
), 1e300);
