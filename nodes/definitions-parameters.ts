// Parameters of plugins and of the whole cluster, as one island of nodes knows them. Warren has no use for most: it keeps
// what a definitions file brings so that an export gives it back. It must never look into a value.

/** A parameter of a plugin in a vhost, such as a shovel. Policies, operator policies and limits are not kept here. */
export interface Parameter {
  readonly vhost: string
  readonly component: string
  readonly name: string
  /** Decoded JSON. */
  readonly value: unknown
}

export const parameterKey = ({ vhost, component, name }: Omit<Parameter, 'value'>) =>
  `${vhost}\0${component}\0${name}`

/** The global parameter that names the cluster. */
export const clusterName = 'cluster_name'

/** What every cluster is called until somebody renames it. */
export const firstClusterName = 'warren'
