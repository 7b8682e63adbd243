create temporary table {name} (like {table} including identity) on commit drop
