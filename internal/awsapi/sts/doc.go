// Package sts answers operations of AWS's Security Token Service: who calls, and
// the temporary credentials of a role, whose session has a name, tags and
// perhaps a source identity. Those credentials sign requests as any key does.
//
// No policy is evaluated: every key of the account may do everything, so that
// whoever has one may assume every role of the directory, whatever its trust
// policy says. What would make a session less than its role is refused, since
// it would be ignored: session policies, one-time passwords, contexts.
//
// It must never give out credentials for a role that the directory does not
// have, nor lose what a chain of roles passes on.
package sts
