"""GitHub's API, as far as collecting issues needs it.

`endpoint` says where the API is, `transport` connects to checked addresses only, `tokens` picks
who asks, `limits` reads how long GitHub wants to be left alone, and `client` puts them together
into requests that either answer or say why not. `queries` holds what is asked, `standing` where
a repository's collecting stands between two pages, `passes` walks a repository page by page,
`organizations` lists one, `payload` turns an archived answer into an issue, and `addresses` reads
and writes an issue's address.
"""
