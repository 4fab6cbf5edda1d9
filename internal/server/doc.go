// Package server is the one port of showback: it listens, mounts the surfaces
// that it is given, tells its own health, readiness and metrics, keeps the store
// in step with its sources, and stops without cutting off who is being answered.
//
// It must never know what a surface answers, write a secret, a query string or a
// name of a person to a log or a metric, or have a metric for each principal.
package server
