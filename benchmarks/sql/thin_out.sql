-- What a purge leaves of an agent type's episodes: a hole, and thinner places.
delete from trajectories
 where agent_type = $1
   and (sample_key between 0.2 and 0.35 or sample_key > 0.6 and random() < 0.5);
