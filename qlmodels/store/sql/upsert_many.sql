select upserted.ids, upserted.made from qlmodels.upsert_pairs($1::text::jsonb) as upserted
