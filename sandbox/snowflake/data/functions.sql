-- DuckDB macros for Snowflake functions that DuckDB lacks or defines otherwise.
-- HAVERSINE answers kilometres on a sphere of 6371 km, ST_DISTANCE metres on one of 6371010 m, as
-- the examples of Snowflake's documentation do. ARRAY, OBJECT, VARIANT and GEOGRAPHY are JSON.
-- https://docs.snowflake.com/en/sql-reference/functions-all
CREATE MACRO leap_arc(lat1, lon1, lat2, lon2) AS
    2 * asin(sqrt(least(1.0::DOUBLE,
        power(sin(radians(lat2::DOUBLE - lat1::DOUBLE) / 2), 2)
        + cos(radians(lat1::DOUBLE)) * cos(radians(lat2::DOUBLE))
        * power(sin(radians(lon2::DOUBLE - lon1::DOUBLE) / 2), 2))));
CREATE MACRO leap_haversine(lat1, lon1, lat2, lon2) AS 6371 * leap_arc(lat1, lon1, lat2, lon2);
-- A failing cast instead of error(), because TRY refuses what is volatile.
CREATE MACRO leap_divide(a, b) AS
    CASE WHEN b = 0 THEN CAST('Division by zero' AS DOUBLE) ELSE a / b END;
CREATE MACRO leap_limited(x, n) AS
    CASE WHEN length(x) > n THEN CAST(CAST('User character length limit (' || n
        || ') exceeded by string ' || left(x, 100) AS BIGINT) AS VARCHAR) ELSE x END;
CREATE MACRO leap_text(x) AS CASE typeof(x)
    WHEN 'JSON' THEN to_json(x) ->> '$'
    WHEN 'DOUBLE' THEN regexp_replace(CAST(x AS VARCHAR), '\.0$', '')
    WHEN 'TIMESTAMP' THEN left(CAST(x AS VARCHAR)
        || CASE WHEN contains(CAST(x AS VARCHAR), '.') THEN '000' ELSE '.000' END, 23)
    WHEN 'TIMESTAMP WITH TIME ZONE' THEN left(regexp_replace(CAST(x AS VARCHAR), '[+-]\d\d(:\d\d)?$', '')
        || CASE WHEN contains(CAST(x AS VARCHAR), '.') THEN '000' ELSE '.000' END, 23) || ' +0000'
    ELSE CAST(x AS VARCHAR) END;
CREATE MACRO leap_sized_text(x, n) AS left(x, n);
CREATE MACRO leap_initcap(x) AS list_aggregate(list_transform(
    regexp_extract_all(x, '[[:alnum:]]+|[^[:alnum:]]+'),
    lambda w: upper(left(w, 1)) || lower(substr(w, 2))), 'string_agg', '');
CREATE MACRO leap_strtok(x, delimiters, part) AS list_filter(
    string_split_regex(x, '[' || regexp_escape(delimiters) || ']'), lambda t: t <> '')[part];
CREATE MACRO leap_regexp_instr(x, pattern) AS
    CASE WHEN regexp_matches(x, pattern)
         THEN length(x) - length(regexp_extract(x, '(?s)' || pattern || '.*')) + 1 ELSE 0 END;
CREATE MACRO leap_width_bucket(x, low, high, parts) AS
    CASE WHEN x < low THEN 0 WHEN x >= high THEN parts + 1
         ELSE CAST(floor((x - low) * parts / (high - low)::DOUBLE) AS BIGINT) + 1 END;
CREATE MACRO leap_array(x) AS
    CASE WHEN json_type(to_json(x)) = 'ARRAY' THEN CAST(to_json(x) AS JSON[]) END;
CREATE MACRO leap_array_size(x) AS len(leap_array(x));
CREATE MACRO leap_array_contains(value, x) AS list_contains(leap_array(x), to_json(value));
CREATE MACRO leap_array_position(value, x) AS
    CAST(nullif(list_position(leap_array(x), to_json(value)), 0) - 1 AS BIGINT);
CREATE MACRO leap_array_append(x, value) AS to_json(list_append(leap_array(x), to_json(value)));
CREATE MACRO leap_array_prepend(x, value) AS to_json(list_prepend(to_json(value), leap_array(x)));
CREATE MACRO leap_array_cat(x, y) AS to_json(list_concat(leap_array(x), leap_array(y)));
CREATE MACRO leap_array_distinct(x) AS
    to_json(list_filter(leap_array(x), lambda v, i: list_position(leap_array(x), v) = i));
CREATE MACRO leap_array_slice(x, first, last) AS to_json(leap_array(x)[first + 1:last]);
CREATE MACRO leap_array_sort(x) AS to_json(list_sort(leap_array(x)));
CREATE MACRO leap_array_compact(x) AS
    to_json(list_filter(leap_array(x), lambda v: json_type(v) <> 'NULL'));
CREATE MACRO leap_array_min(x) AS list_min(leap_array(x));
CREATE MACRO leap_array_max(x) AS list_max(leap_array(x));
CREATE MACRO leap_arrays_overlap(x, y) AS list_has_any(leap_array(x), leap_array(y));
CREATE MACRO leap_array_intersection(x, y) AS
    to_json(list_filter(leap_array(x), lambda v: list_contains(leap_array(y), v)));
CREATE MACRO leap_array_except(x, y) AS
    to_json(list_filter(leap_array(x), lambda v: NOT list_contains(leap_array(y), v)));
CREATE MACRO leap_array_to_string(x, separator) AS
    array_to_string(list_transform(leap_array(x), lambda v: coalesce(v ->> '$', '')), separator);
CREATE MACRO leap_split(x, separator) AS to_json(string_split(x, separator));
CREATE MACRO leap_key(k) AS '$."' || replace(k, '"', '\"') || '"';
CREATE MACRO leap_get(x, k) AS json_extract(to_json(x),
    CASE WHEN typeof(k) = 'VARCHAR' THEN leap_key(CAST(k AS VARCHAR))
         ELSE '$[' || CAST(k AS VARCHAR) || ']' END);
CREATE MACRO leap_object_keys(x) AS to_json(json_keys(to_json(x)));
CREATE MACRO leap_object_of(ks, vs, keep_nulls) AS CAST('{' || array_to_string(list_filter(
    list_transform(ks, lambda k, i: CASE WHEN k IS NOT NULL AND (keep_nulls OR vs[i] IS NOT NULL)
        THEN CAST(to_json(k) AS VARCHAR) || ':' || coalesce(CAST(vs[i] AS VARCHAR), 'null') END),
    lambda t: t IS NOT NULL), ',') || '}' AS JSON);
CREATE MACRO leap_object_pick(x, kept) AS leap_object_of(
    list_filter(json_keys(to_json(x)), lambda k: list_contains(kept, k)),
    list_transform(list_filter(json_keys(to_json(x)), lambda k: list_contains(kept, k)),
        lambda k: json_extract(to_json(x), leap_key(k))), true);
CREATE MACRO leap_object_delete(x, gone) AS leap_object_pick(x,
    list_filter(json_keys(to_json(x)), lambda k: NOT list_contains(gone, k)));
CREATE MACRO leap_object_insert(x, k, v) AS
    json_merge_patch(to_json(x), leap_object_of([k], [to_json(v)], true));
CREATE MACRO leap_typeof(x) AS CASE typeof(x)
    WHEN 'JSON' THEN CASE json_type(to_json(x))
        WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'BIGINT' THEN 'INTEGER' WHEN 'NULL' THEN 'NULL_VALUE'
        ELSE json_type(to_json(x)) END
    WHEN 'BIGINT' THEN 'INTEGER' ELSE typeof(x) END;
CREATE MACRO leap_is_type(x, kinds) AS list_contains(kinds, json_type(to_json(x)));
CREATE MACRO leap_strip_null_value(x) AS
    CASE WHEN json_type(to_json(x)) = 'NULL' THEN NULL ELSE to_json(x) END;
CREATE MACRO leap_items(x) AS CASE json_type(x)
    WHEN 'ARRAY' THEN list_transform(CAST(x AS JSON[]), lambda v, i: {
        'SEQ': 1, 'KEY': NULL::VARCHAR, 'PATH': '[' || (i - 1) || ']', 'INDEX': i - 1,
        'VALUE': v, 'THIS': x})
    WHEN 'OBJECT' THEN list_transform(json_keys(x), lambda k: {
        'SEQ': 1, 'KEY': k, 'PATH': k, 'INDEX': NULL::BIGINT,
        'VALUE': json_extract(x, leap_key(k)), 'THIS': x})
    END;
CREATE MACRO leap_flatten(x, is_outer) AS
    CASE WHEN is_outer AND coalesce(len(leap_items(to_json(x))), 0) = 0 THEN [{
        'SEQ': 1, 'KEY': NULL::VARCHAR, 'PATH': NULL::VARCHAR, 'INDEX': NULL::BIGINT,
        'VALUE': NULL::JSON, 'THIS': to_json(x)}]
    ELSE leap_items(to_json(x)) END;
CREATE MACRO leap_split_to_table(x, separator) AS list_transform(string_split(x, separator),
    lambda v, i: {'SEQ': 1, 'INDEX': i, 'VALUE': v});
CREATE MACRO leap_dateadd(x DATE, amount INTERVAL) AS CAST(x + amount AS DATE),
    (x TIMESTAMP, amount INTERVAL) AS x + amount,
    (x TIMESTAMP WITH TIME ZONE, amount INTERVAL) AS x + amount,
    (x VARCHAR, amount INTERVAL) AS CAST(x AS TIMESTAMP) + amount;
CREATE MACRO leap_date_trunc(unit, x DATE) AS CAST(date_trunc(unit, x) AS DATE),
    (unit, x TIMESTAMP) AS date_trunc(unit, x),
    (unit, x TIMESTAMP WITH TIME ZONE) AS date_trunc(unit, x),
    (unit, x VARCHAR) AS date_trunc(unit, CAST(x AS TIMESTAMP));
CREATE MACRO leap_timestamp(x, scale) AS
    CASE WHEN TRY_CAST(CAST(x AS VARCHAR) AS BIGINT) IS NOT NULL THEN make_timestamp(
        CAST(TRY_CAST(CAST(x AS VARCHAR) AS BIGINT) * power(10, 6 - CASE
            WHEN scale > 0 OR TRY_CAST(CAST(x AS VARCHAR) AS BIGINT) < 31536000000 THEN scale
            WHEN TRY_CAST(CAST(x AS VARCHAR) AS BIGINT) < 31536000000000 THEN 3
            WHEN TRY_CAST(CAST(x AS VARCHAR) AS BIGINT) < 31536000000000000 THEN 6
            ELSE 9 END) AS BIGINT))
    ELSE CAST(x AS TIMESTAMP) END;
CREATE MACRO leap_point(lon, lat) AS json_object(
    'coordinates', [CAST(lon AS DOUBLE), CAST(lat AS DOUBLE)], 'type', 'Point');
CREATE MACRO leap_x(g) AS CAST(to_json(g) ->> '$.coordinates[0]' AS DOUBLE);
CREATE MACRO leap_y(g) AS CAST(to_json(g) ->> '$.coordinates[1]' AS DOUBLE);
CREATE MACRO leap_st_distance(a, b) AS
    6371010 * leap_arc(leap_y(a), leap_x(a), leap_y(b), leap_x(b));
CREATE MACRO leap_st_dwithin(a, b, metres) AS leap_st_distance(a, b) <= metres;
CREATE MACRO leap_geography(x) AS CASE
    WHEN regexp_matches(CAST(x AS VARCHAR), '(?i)^\s*POINT') THEN leap_point(
        regexp_extract(CAST(x AS VARCHAR), '\(\s*(\S+)\s+(\S+?)\s*\)', 1),
        regexp_extract(CAST(x AS VARCHAR), '\(\s*(\S+)\s+(\S+?)\s*\)', 2))
    WHEN json_valid(CAST(x AS VARCHAR)) THEN CAST(CAST(x AS VARCHAR) AS JSON)
    ELSE CAST('Error parsing Geo input: ' || CAST(x AS VARCHAR) AS JSON) END;
CREATE MACRO leap_st_astext(g) AS
    'POINT(' || leap_text(leap_x(g)) || ' ' || leap_text(leap_y(g)) || ')';
CREATE MACRO leap_st_asgeojson(g) AS to_json(g);
CREATE MACRO leap_boolean(x) AS CASE
    WHEN lower(x) IN ('true', 't', 'yes', 'y', 'on', '1') THEN true
    WHEN lower(x) IN ('false', 'f', 'no', 'n', 'off', '0') THEN false
    ELSE CAST(x AS BOOLEAN) END;
CREATE MACRO leap_variant(x) AS coalesce(TRY_CAST(x AS JSON), to_json(x));
