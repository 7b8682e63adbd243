select qlmodels.purge_expired($1, $2) as deleted
