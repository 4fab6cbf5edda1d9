package sqldoor

import (
	"database/sql"
	"database/sql/driver"

	"github.com/duckdb/duckdb-go/v2"

	"showback"
	"showback/internal/identity"
)

// derivations are what internal/identity says of a caller, each a function of
// the engine over the ARN: so only what a query asks for is worked out, and
// only for the callers of the segments that it reads. Empty text is NULL.
var derivations = map[string]func(showback.Caller) string{
	"principal":      identity.PrincipalARN,
	"role":           identity.Role,
	"session":        identity.Session,
	"person":         func(c showback.Caller) string { p, _ := identity.PersonOf(c); return p.Name },
	"certainty":      func(c showback.Caller) string { p, _ := identity.PersonOf(c); return string(p.Certainty) },
	"who":            who,
	"kind":           func(c showback.Caller) string { return string(c.Principal.Kind) },
	"account":        func(c showback.Caller) string { return c.Principal.Account },
	"name":           func(c showback.Caller) string { return c.Principal.Name },
	"permission_set": func(c showback.Caller) string { return c.Principal.PermissionSet },
}

// derived are the columns of charges that are derivations of its caller.
var derived = []string{"principal", "role", "session", "person", "certainty", "who"}

func who(c showback.Caller) string {
	if p, ok := identity.PersonOf(c); ok {
		return p.Name
	}
	return identity.PrincipalARN(c)
}

// derivation writes the derivation of a column arn.
func derivation(name string) string { return "showback_" + name + "(arn)" }

// derivationFunc is a derivation as the engine takes it.
type derivationFunc struct {
	text duckdb.TypeInfo
	of   func(showback.Caller) string
}

// Config says that it takes and gives a text.
func (f derivationFunc) Config() duckdb.ScalarFuncConfig {
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{f.text}, ResultTypeInfo: f.text}
}

// Executor returns what is called for each ARN.
func (f derivationFunc) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		arn, ok := values[0].(string)
		if !ok {
			return nil, nil
		}
		if text := f.of(identity.Parse(arn)); text != "" {
			return text, nil
		}
		return nil, nil
	}}
}

// addDerivations makes the derivations known to the engine.
func addDerivations(conn *sql.Conn) error {
	text, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return err
	}
	for name, of := range derivations {
		if err := duckdb.RegisterScalarUDF(conn, "showback_"+name, derivationFunc{text, of}); err != nil {
			return err
		}
	}
	return nil
}
