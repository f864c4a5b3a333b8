"""The graph's Cypher: the subset that Neo4j 5.26 and ArcadeDB both run.

Schema::

    (:Viewer {key, version})-[:ENGAGED {portion, liked, dismissed, at, version}]->(:Item)
    (:Viewer)-[:INTERESTED_IN {score}]->(:Facet)    (:Viewer)-[:FOLLOWS]->(:Facet)
    (:Item {key, live, title, text, published_at, version})
        -[:IN_CATEGORY|IN_PARENT_CATEGORY|BY_CREATOR|TAGGED]->(:Facet {key, kind, name})

Every value is a parameter. What is mentioned before its own state arrives is a stub of version -1.
``SET x.lock = true`` takes the write lock before ``WHERE`` reads the version; without it the older
of two writers at once could win (``x.version = x.version`` or ``x.lock = null`` take none in a new
Neo4j). The condition sees the graph as it was before the batch, so a batch holds each entity once.
"""

from ..types import FacetKind

#: Make keys unique, and so indexed.
CONSTRAINTS = (
    "CREATE CONSTRAINT viewer_key IF NOT EXISTS FOR (v:Viewer) REQUIRE v.key IS UNIQUE",
    "CREATE CONSTRAINT item_key IF NOT EXISTS FOR (i:Item) REQUIRE i.key IS UNIQUE",
    "CREATE CONSTRAINT facet_key IF NOT EXISTS FOR (f:Facet) REQUIRE f.key IS UNIQUE",
)

#: Upsert items; return the keys of those that were older than what came.
MERGE_ITEMS = """
UNWIND $rows AS row
MERGE (i:Item {key: row.key})
ON CREATE SET i.version = -1
SET i.lock = true
WITH i, row WHERE i.version < row.version
SET i.version = row.version, i.live = row.live, i.title = row.title, i.text = row.text,
    i.published_at = row.published_at
RETURN i.key
"""

#: Upsert viewers; return the keys of those that were older than what came.
MERGE_VIEWERS = """
UNWIND $rows AS row
MERGE (v:Viewer {key: row.key})
ON CREATE SET v.version = -1
SET v.lock = true
WITH v, row WHERE v.version < row.version
SET v.version = row.version
RETURN v.key
"""

#: Upsert what viewers did with items.
MERGE_INTERACTIONS = """
UNWIND $rows AS row
MERGE (v:Viewer {key: row.viewer}) ON CREATE SET v.version = -1
MERGE (i:Item {key: row.item}) ON CREATE SET i.version = -1, i.live = false
MERGE (v)-[e:ENGAGED]->(i)
ON CREATE SET e.version = -1
SET e.lock = true
WITH e, row WHERE e.version < row.version
SET e.version = row.version, e.portion = row.portion, e.liked = row.liked,
    e.dismissed = row.dismissed, e.at = row.at
"""

#: Upsert facets as an item describes them.
MERGE_FACETS = """
UNWIND $rows AS row
MERGE (f:Facet {key: row.facet})
SET f.kind = row.kind, f.name = row.name
"""

#: Take all facets off items.
DETACH_FACETS = """
UNWIND $keys AS key
MATCH (:Item {key: key})-[r:IN_CATEGORY|IN_PARENT_CATEGORY|BY_CREATOR|TAGGED]->(:Facet)
DELETE r
"""

#: Give items their facets, by the facet's kind: a relationship's type cannot be a parameter.
ATTACH_FACETS = {
    FacetKind.CATEGORY: """
UNWIND $rows AS row
MATCH (i:Item {key: row.key}), (f:Facet {key: row.facet})
MERGE (i)-[:IN_CATEGORY]->(f)
""",
    FacetKind.PARENT_CATEGORY: """
UNWIND $rows AS row
MATCH (i:Item {key: row.key}), (f:Facet {key: row.facet})
MERGE (i)-[:IN_PARENT_CATEGORY]->(f)
""",
    FacetKind.CREATOR: """
UNWIND $rows AS row
MATCH (i:Item {key: row.key}), (f:Facet {key: row.facet})
MERGE (i)-[:BY_CREATOR]->(f)
""",
    FacetKind.TAG: """
UNWIND $rows AS row
MATCH (i:Item {key: row.key}), (f:Facet {key: row.facet})
MERGE (i)-[:TAGGED]->(f)
""",
}

#: Take all interests and follows off viewers.
DETACH_CHOICES = """
UNWIND $keys AS key
MATCH (:Viewer {key: key})-[r:INTERESTED_IN|FOLLOWS]->(:Facet)
DELETE r
"""

#: Give viewers their interests.
ATTACH_INTERESTS = """
UNWIND $rows AS row
MATCH (v:Viewer {key: row.key})
MERGE (f:Facet {key: row.facet})
MERGE (v)-[r:INTERESTED_IN]->(f)
SET r.score = row.score
"""

#: Give viewers what they follow.
ATTACH_FOLLOWS = """
UNWIND $rows AS row
MATCH (v:Viewer {key: row.key})
MERGE (f:Facet {key: row.facet})
MERGE (v)-[:FOLLOWS]->(f)
"""

#: Delete viewers and everything that hangs on them.
ERASE_VIEWERS = "UNWIND $keys AS key MATCH (v:Viewer {key: key}) DETACH DELETE v"

#: Delete some relationships, then some nodes; return how many.
CLEAR = (
    "MATCH ()-[r]->() WITH r LIMIT $limit DELETE r RETURN count(r)",
    "MATCH (n) WITH n LIMIT $limit DETACH DELETE n RETURN count(n)",
)

#: Read the snapshot's parts.
READ_VIEWERS = "MATCH (v:Viewer) RETURN v.key"
READ_ITEMS = "MATCH (i:Item) WHERE i.live RETURN i.key, i.title, i.text, i.published_at"
READ_ITEM_FACETS = """
MATCH (i:Item)-[:IN_CATEGORY|IN_PARENT_CATEGORY|BY_CREATOR|TAGGED]->(f:Facet)
WHERE i.live
RETURN i.key, f.key, f.kind
"""
READ_INTERACTIONS = """
MATCH (v:Viewer)-[e:ENGAGED]->(i:Item)
WHERE i.live
RETURN v.key, i.key, e.portion, e.liked, e.dismissed, e.at
"""
READ_INTERESTS = "MATCH (v:Viewer)-[r:INTERESTED_IN]->(f:Facet) RETURN v.key, f.key, r.score"
READ_FOLLOWS = "MATCH (v:Viewer)-[:FOLLOWS]->(f:Facet) RETURN v.key, f.key"

#: Count what the snapshot would hold.
COUNTS = {
    "viewers": "MATCH (v:Viewer) RETURN count(v)",
    "items": "MATCH (i:Item) WHERE i.live RETURN count(i)",
    "facets": """
MATCH (i:Item)-[:IN_CATEGORY|IN_PARENT_CATEGORY|BY_CREATOR|TAGGED]->(f:Facet)
WHERE i.live
RETURN count(DISTINCT f)
""",
    "interactions": """
MATCH (:Viewer)-[e:ENGAGED]->(i:Item)
WHERE i.live
RETURN count(e)
""",
}
