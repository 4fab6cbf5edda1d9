// Package account joins the directory to the AWS API: for whom a key speaks, in
// whose name the directory is changed, and which roles there are to assume.
//
// It must never keep a secret beyond the request that it was read for.
package account
