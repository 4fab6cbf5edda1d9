package explore

// Expr is a filter over charges: And, Or, Not, Match or Absent. A charge either
// passes or does not; a missing value matches no Match, so Not{Match} passes it.
type Expr interface{ isExpr() }

// And passes what every term passes; without terms, everything.
type And struct{ Terms []Expr }

// Or passes what any term passes; without terms, nothing.
type Or struct{ Terms []Expr }

// Not passes what Term does not.
type Not struct{ Term Expr }

// Match passes charges whose value for Key is there and equals one of Values.
type Match struct {
	Key    Key
	Values []Pattern
}

// Absent passes charges without a value for Key, whatever the cause.
type Absent struct{ Key Key }

// Pattern is a value to match: exact and case-sensitive, except that persons
// compare case-insensitively. Parts holds the text between wildcards: one part
// is an exact value, ["Claude", ""] is Claude*, ["", "x", ""] is *x*.
type Pattern struct{ Parts []string }

func (And) isExpr()    {}
func (Or) isExpr()     {}
func (Not) isExpr()    {}
func (Match) isExpr()  {}
func (Absent) isExpr() {}
