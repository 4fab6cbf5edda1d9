package estate

// Size says how large the company is.
type Size string

// The sizes, in charges of a year: XS for tests that make many companies has
// some four thousand, S about 65,000, M ten million and L a hundred million.
const (
	XS Size = "XS"
	S  Size = "S"
	M  Size = "M"
	L  Size = "L"
)

// Shape says what the company buys.
type Shape string

// The shapes. AI is a company that spends most on models. Of Enterprise's
// charges 95 of 100 are for other services, of tens of thousands of usage types.
const (
	AI         Shape = "ai"
	Enterprise Shape = "enterprise"
)

// Charges is about how many charges the year of a company of the size has, in
// any shape.
func (s Size) Charges() int {
	return map[Size]int{XS: 4000, S: 65_000, M: 10_000_000, L: 100_000_000}[s]
}

// Sizes and Shapes are all there are, the smallest first.
var (
	Sizes  = []Size{XS, S, M, L}
	Shapes = []Shape{AI, Enterprise}
)

// scale is how much of everything a company has.
type scale struct {
	people    int // with a role of their own in the large payer
	apps      int // applications of the large payer
	keys      int // Bedrock API keys
	instances int // machines behind the batch role, each with a random session
	teams     int
	accounts  int // of the large payer, beside its own and the eight with a name

	busy   float64 // share of the days on which callers would call that they do
	spread int     // steady services have a line in every spread-th of their days

	// What is billed by the hour and by the million: see hours. crowd is
	// further callers of the large payer, calls and fleet are lines of the year,
	// of callers and of resources of other services; meters is how many meters
	// those have in all.
	crowd, calls, fleet, meters int
}

// hourly reports a company that is billed by the hour.
func (s scale) hourly() bool { return s.calls > 0 }

var scales = map[Size]map[Shape]scale{
	XS: {
		AI:         {people: 12, apps: 9, keys: 1, instances: 2, teams: 8, busy: 0.05, spread: 16},
		Enterprise: {people: 12, apps: 9, keys: 1, instances: 2, teams: 8, busy: 0.004, spread: 32, fleet: 3000, meters: 60},
	},
	S: {
		AI:         {people: 34, apps: 9, keys: 3, instances: 12, teams: 8, busy: 1, spread: 1},
		Enterprise: {people: 34, apps: 9, keys: 3, instances: 12, teams: 8, accounts: 38, busy: 0.05, spread: 4, fleet: 44_000, meters: 600},
	},
	M: {
		AI:         {people: 34, apps: 9, keys: 3, instances: 12, teams: 40, accounts: 38, busy: 1, spread: 1, crowd: 1940, calls: 8_000_000, fleet: 1_950_000, meters: 2000},
		Enterprise: {people: 34, apps: 9, keys: 3, instances: 12, teams: 40, accounts: 38, busy: 1, spread: 1, crowd: 1940, calls: 460_000, fleet: 9_450_000, meters: 66_000},
	},
	L: {
		AI:         {people: 34, apps: 9, keys: 3, instances: 12, teams: 40, accounts: 38, busy: 1, spread: 1, crowd: 9940, calls: 80_000_000, fleet: 19_900_000, meters: 2000},
		Enterprise: {people: 34, apps: 9, keys: 3, instances: 12, teams: 40, accounts: 38, busy: 1, spread: 1, crowd: 9940, calls: 4_900_000, fleet: 95_000_000, meters: 66_000},
	},
}
