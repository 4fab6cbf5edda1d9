// Package iamrule holds what IAM allows: names and paths of users and roles,
// the tags that they may have, and what an account's authorization details say
// of them. Refusals carry the error code and the message that AWS gives.
//
// Everything here is a pure function. It must never do I/O, know a store, or
// repair what it is given: what IAM would refuse is refused.
package iamrule
