-- How each table grew: its size in at most :points parts of the last :days days, and since when.
select part.table_name, array_agg(part.size order by part.place) as sizes,
       min(part.began) as since,
       ((array_agg(part.size order by part.place desc))[1]
        - (array_agg(part.first order by part.place))[1])::bigint as grown
  from (
       select sample.table_name, sample.place,
              max(sample.heap + sample.indexes)::double precision as size,
              (array_agg(sample.heap + sample.indexes order by sample.sampled_at))[1] as first,
              min(sample.sampled_at) as began
         from (
              select kept.*,
                     pg_catalog.width_bucket(
                         extract(epoch from now() - kept.sampled_at)::double precision, 0,
                         cast(:days as integer) * 86400.0 + 1, cast(:points as integer)
                     ) * -1 as place
                from qlmodels_admin.size_samples as kept
               where kept.sampled_at > now() - make_interval(days => cast(:days as integer))
              ) as sample
        group by sample.table_name, sample.place
       ) as part
 group by part.table_name
