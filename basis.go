package showback

// Basis is one way to count the same charges. Two bases are alternatives and
// are never added.
type Basis string

// The bases. ARCHITECTURE.md gives the rule of each.
const (
	Unblended    Basis = "unblended"
	NetUnblended Basis = "net-unblended"
	Amortized    Basis = "amortized"
	NetAmortized Basis = "net-amortized"
	Blended      Basis = "blended"
	List         Basis = "list" // public on-demand price
)

// Bases lists every basis in the order in which they are shown.
var Bases = []Basis{Unblended, NetUnblended, Amortized, NetAmortized, Blended, List}
