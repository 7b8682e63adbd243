-- Hashes that documents of an agent type were adopted with, where no rule gives them.
select adopted.kind, adopted.document_hash, adopted.hash
  from qlmodels.adopted_hashes_of($1) as adopted
