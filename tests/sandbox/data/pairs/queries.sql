-- A query, then its rows after "=>" (dates in ISO form, numbers as floats or integers).
select a, b from (values (1,'x'),(2,'y')) v(a,b) order by 1 desc
=> [(2, 'y'), (1, 'x')]
select column1 from values (1),(2)
=> [(1,), (2,)]
select $1, $2 from values (1,'a')
=> [(1, 'a')]
values (1,2),(3,4)
=> [(1, 2), (3, 4)]
select listagg(x, ',') within group (order by x) from (values ('b'),('a')) v(x)
=> [('a,b',)]
select listagg(distinct x, ',') within group (order by x) from (values ('b'),('a'),('a')) v(x)
=> [('a,b',)]
select to_json(array_agg(x) within group (order by x desc)) from (values (2),(1)) v(x)
=> [('[2,1]',)]
select to_json(array_agg(distinct x) within group (order by x)) from (values (2),(1),(1)) v(x)
=> [('[1,2]',)]
select array_size(array_agg(x)) from (values (2),(1)) v(x)
=> [(2,)]
select object_agg(k, v):a::int from (values ('a',1)) t(k,v)
=> [(1,)]
select x from (values (1),(2),(3)) v(x) qualify row_number() over (order by x desc) = 1
=> [(3,)]
select x, ratio_to_report(x) over () r from (values (1),(3)) v(x) order by 1
=> [(1, 0.25), (3, 0.75)]
select median(x) from (values (1),(2),(4)) v(x)
=> [(2,)]
select percentile_cont(0.5) within group (order by x) from (values (1),(2)) v(x)
=> [(1.5,)]
select approx_count_distinct(x), hll(x) from (values (1),(2)) v(x)
=> [(2, 2)]
select count_if(x>1), sum(x), avg(x), min(x), max(x), count(distinct x) from (values (1),(2)) v(x)
=> [(1, 3, 1.5, 1, 2, 2)]
select max_by(x,y), min_by(x,y) from (values (1,2),(2,1)) v(x,y)
=> [(1, 2)]
select boolor_agg(x>1), booland_agg(x>1), mode(x) from (values (1),(2),(2)) v(x)
=> [(True, False, 2)]
select bitand_agg(x), bitor_agg(x) from (values (1),(3)) v(x)
=> [(1, 3)]
select lag(x) over (order by x), lead(x,1,0) over (order by x), ntile(2) over (order by x), dense_rank() over (order by x) from (values (1),(2)) v(x) order by x
=> [(None, 2, 1, 1), (1, 0, 2, 2)]
select last_value(x ignore nulls) over (order by i rows between unbounded preceding and unbounded following) from (values (1,5),(2,null)) v(i,x)
=> [(5,), (5,)]
select sum(x) over (order by x rows between 1 preceding and current row) from (values (1),(2),(3)) v(x) order by 1
=> [(1,), (3,), (5,)]
select conditional_true_event(x>1) over (order by x) from (values (1),(2)) v(x) order by 1
=> [(0,), (1,)]
select f.value::int, f.index from table(flatten(input => parse_json('[10,20]'))) f order by 2
=> [(10, 0), (20, 1)]
select t.id, f.value:n::string as n, f.index from (select 1 as id, parse_json('{"xs":[{"n":"a"},{"n":"b"}]}') as v) t, lateral flatten(input => t.v:xs) f order by f.index
=> [(1, 'a', 0), (1, 'b', 1)]
select f.key, f.value::int from (select parse_json('{"a":1,"b":2}') v) t, lateral flatten(input => v) f order by 1
=> [('a', 1), ('b', 2)]
select t.id, f.value from (select 1 id, parse_json('[]') v) t, lateral flatten(input => v, outer => true) f
=> [(1, None)]
select t.id, f.value from (select 1 id, parse_json('[]') v) t, lateral flatten(input => v) f
=> []
select f.value::string from (select parse_json('{"a":{"b":["q"]}}') v) t, lateral flatten(input => v, path => 'a.b') f
=> [('q',)]
select count(*) from (select parse_json('["x","y"]') v) t, lateral flatten(input => v) f where f.value = 'x'
=> [(1,)]
select value::string from table(split_to_table('a,b', ',')) order by 1
=> [('a',), ('b',)]
select s.value from (select 'a,b' x) t, lateral split_to_table(t.x, ',') s order by 1
=> [('a',), ('b',)]
select count(*) from table(generator(rowcount => 5))
=> [(5,)]
select row_number() over (order by seq4()) - 1 as n from table(generator(rowcount => 3)) order by 1
=> [(0,), (1,), (2,)]
select dateadd(day, seq4(), '2020-01-01'::date) d from table(generator(rowcount => 2)) order by 1
=> [('2020-01-01',), ('2020-01-02',)]
select * exclude (a) from (values (1,2)) v(a,b)
=> [(2,)]
select * rename (a as z) from (values (1,2)) v(a,b)
=> [(1, 2)]
select * replace (5 as a) from (values (1,2)) v(a,b)
=> [(5, 2)]
select a as b, b+1 as c from (values (1)) v(a)
=> [(1, 2)]
with recursive r as (select 1 n union all select n+1 from r where n<3) select * from r order by 1
=> [(1,), (2,), (3,)]
with r as (select 1 n union all select n+1 from r where n<3) select count(*) from r
=> [(3,)]
with a as (select 1 as x), b as (select x from a) select * from b
=> [(1,)]
select x from (values (1),(null)) v(x) order by x desc
=> [(None,), (1,)]
select x from (values (1),(null)) v(x) order by x
=> [(1,), (None,)]
select top 1 x from (values (1),(2)) v(x) order by x
=> [(1,)]
select 1 as a union all select 2 order by a
=> [(1,), (2,)]
select 1 minus select 1
=> []
select count(*) from (values (1),(2)) v(x) where x not in (select 1)
=> [(1,)]
select a.x from (values (1)) a(x) left join (values (1,2)) b(x,y) using (x) where b.y = 2
=> [(1,)]
select * from (values (1,1),(5,2)) a(t,v) asof join (values (2,10)) b(t,w) match_condition (a.t >= b.t) order by a.t
=> [(1, 1, None, None), (5, 2, 2, 10)]
select grouping(x), x from (values (1)) v(x) group by rollup(x) order by 1
=> [(0, 1), (1, None)]
select x, count(*) from (values (1)) v(x) group by all
=> [(1, 1)]
select x from (values (1),(2)) v(x) limit 1 offset 1
=> [(2,)]
select sum(x) from (values (1.5),(2.5)) v(x)
=> [(4.0,)]
select v.x::string from (select parse_json('"q"') as x) v
=> [('q',)]
select v.x::int + 1 from (select parse_json('4') as x) v
=> [(5,)]
select case when x:a::string = 'k' then 1 else 0 end from (select parse_json('{"a":"k"}') as x)
=> [(1,)]
select * from (select 1 a) natural join (select 1 a)
=> [(1,)]
select count(*) from (values (1),(2),(3)) v(x) sample (100)
=> [(3,)]
select object_construct(*) from (select 1 a) t
=> [('{"A":1}',)]
select x from (values (1),(2),(3)) v(x) where x > all (select 1) order by 1
=> [(2,), (3,)]
select avg(x)::number(10,2) from (values (1),(2)) v(x)
=> [(1.5,)]
select coalesce(sum(x), 0) from (select 1 x where 1=0)
=> [(0,)]
select sum(x)/count(*) from (values (1),(2)) v(x)
=> [(1.5,)]
