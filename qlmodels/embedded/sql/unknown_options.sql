-- Minor releases write options of their own, whose names begin with pg_, and no other version takes them.
update pg_catalog.pg_attribute as attribute
   set attoptions = nullif(array(
           select option from unnest(attribute.attoptions) as option where option !~ '^pg_'
       ), '{}')
 where exists (select from unnest(attribute.attoptions) as option where option ~ '^pg_');
update pg_catalog.pg_class as relation
   set reloptions = nullif(array(
           select option from unnest(relation.reloptions) as option where option !~ '^pg_'
       ), '{}')
 where exists (select from unnest(relation.reloptions) as option where option ~ '^pg_')
