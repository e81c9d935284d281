// The first page: what it shows comes from the HTTP API of this same server, asked once a second.
export {}
