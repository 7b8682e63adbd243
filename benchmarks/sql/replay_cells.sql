-- An agent type's episodes, each in one of 20 cells: by how far the next sample key lies, which
-- is what drawing the nearest key would be misled by, and by priority.
select trajectory_id,
       priority,
       5 * ntile(4) over (order by gap) + ntile(5) over (order by priority) as cell
  from (
       select trajectory_id,
              priority,
              lead(sample_key, 1, 1::double precision) over (order by sample_key) - sample_key as gap
         from trajectories
        where agent_type = $1
  ) as spread;
