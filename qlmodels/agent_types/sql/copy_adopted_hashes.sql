insert into qlmodels_private.adopted_hashes (agent_type, kind, document_hash, hash)
select $2, adopted.kind, adopted.document_hash, adopted.hash
  from qlmodels_private.adopted_hashes as adopted
 where adopted.agent_type = $1
