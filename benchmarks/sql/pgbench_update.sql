\set number random(1, :rows)
\set value random(-1000, 1000)
update bare set value = :value where id = :number
