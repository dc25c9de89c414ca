{#
    Values outside the two bounds, which are themselves allowed. An empty value passes: whether
    there must be one is for not_null to say.
#}
{% test between(model, column_name, lowest, highest) %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} < {{ lowest }} or {{ column_name }} > {{ highest }}

{% endtest %}
