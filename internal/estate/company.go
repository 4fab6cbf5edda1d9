package estate

import (
	"fmt"

	"showback"
)

// payer is one management account with its accounts, callers and contracts.
type payer struct {
	id, name  string
	currency  string
	regions   []region
	entity    string // legal and invoicing entity of AWS
	taxType   string
	taxRate   showback.Decimal
	taxMarket bool // Marketplace charges are taxed too
	accounts  []*account
	callers   []*identity
	steady    []steady
	pace      *pace  // of callers by the hour; nil where they are billed by the day
	fleet     *fleet // nil for none
	tariffs   *tariffs
	// contracts are what the large payer has: a discount with net costs, a
	// savings plan and a reservation.
	contracts bool
}

// account is a usage account. The payer's first one is the payer itself.
type account struct {
	id, name string
	unit     string // business unit: account tag and cost category
}

// team is an organisational unit with its cost centre.
type team struct{ name, centre string }

var teams = []team{
	{"platform", "CC-1010"}, {"data-science", "CC-1020"}, {"support", "CC-1030"}, {"search", "CC-1040"},
	{"payments", "CC-2010"}, {"marketing", "CC-2020"}, {"research", "CC-3010"}, {"risk", "CC-3010"},

	// Those of larger companies only.
	{"mobile", "CC-1010"}, {"web", "CC-1010"}, {"identity", "CC-1050"}, {"billing", "CC-2010"},
	{"catalogue", "CC-1060"}, {"checkout", "CC-2010"}, {"logistics", "CC-4010"}, {"warehouse", "CC-4010"},
	{"returns", "CC-4020"}, {"pricing", "CC-2030"}, {"forecasting", "CC-1020"}, {"recommendations", "CC-1020"},
	{"fraud", "CC-3020"}, {"compliance", "CC-3030"}, {"legal", "CC-3030"}, {"finance", "CC-5010"},
	{"people", "CC-5020"}, {"facilities", "CC-5030"}, {"procurement", "CC-5040"}, {"sales", "CC-2040"},
	{"partners", "CC-2050"}, {"field-service", "CC-4030"}, {"telephony", "CC-1030"}, {"translation", "CC-1070"},
	{"documents", "CC-1070"}, {"security", "CC-6010"}, {"networking", "CC-6020"}, {"databases", "CC-6030"},
	{"observability", "CC-6040"}, {"build", "CC-6050"}, {"quality", "CC-6060"}, {"education", "CC-5050"},
}

// people are named after the people of textbooks on cryptography and then by letter.
var people = []string{
	"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "kim", "leo",
	"mallory", "nina", "oscar", "peggy", "quinn", "rupert", "sybil", "trent", "uma", "victor", "walter", "xena",
	"yves", "zoe",
}

// personName returns the name of the nth person: alice, …, zoe, alice2, ….
func personName(n int) string {
	name := people[n%len(people)]
	if round := n / len(people); round > 0 {
		name = fmt.Sprintf("%s%d", name, round+1)
	}
	return name
}

func accountsOf(payerID, payerName, prefix string, names ...[2]string) []*account {
	list := []*account{{payerID, payerName, "shared"}}
	for i, n := range names {
		list = append(list, &account{fmt.Sprintf("%s%02d", prefix, i+1), n[0], n[1]})
	}
	return list
}

// workloads returns n further accounts of the large payer, which has some.
func workloads(n, some int) []*account {
	var list []*account
	for i := range n {
		unit := []string{"product", "research", "operations", "product", "shared"}[i%5]
		stage := []string{"prod", "dev", "test"}[i%3]
		list = append(list, &account{fmt.Sprintf("2222111100%02d", some+i), fmt.Sprintf("workload-%02d-%s", i/3+1, stage), unit})
	}
	return list
}

// company makes the three payers. Callers, steady services and the fleet hang
// on them. Only the large payer grows with the size.
func (e *Estate) company() []*payer {
	s := e.scale
	group := &payer{
		id: "111122223333", name: "Example Group", currency: "USD", regions: []region{virginia, oregon, frankfurt},
		entity: "Amazon Web Services, Inc.", taxType: "USSalesTax", taxRate: dec("0.0475"), contracts: true,
		accounts: accountsOf("111122223333", "Example Group", "2222111100",
			[2]string{"ai-platform-prod", "product"}, [2]string{"ai-platform-dev", "product"},
			[2]string{"data-science", "research"}, [2]string{"customer-support", "operations"},
			[2]string{"developer-tools", "product"}, [2]string{"search", "product"},
			[2]string{"shared-services", "shared"}, [2]string{"sandbox", "research"}),
	}
	europe := &payer{
		id: "444455556666", name: "Example Europe", currency: "EUR", regions: []region{frankfurt, ireland},
		entity: "Amazon Web Services EMEA SARL", taxType: "VAT", taxRate: dec("0.19"), taxMarket: true,
		accounts: accountsOf("444455556666", "Example Europe", "5555444400",
			[2]string{"europe-prod", "product"}, [2]string{"europe-dev", "product"}),
	}
	labs := &payer{
		id: "777788889999", name: "Example Labs", currency: "USD", regions: []region{oregon},
		entity: "Amazon Web Services, Inc.", taxType: "USSalesTax", taxRate: dec("0.0625"),
		accounts: accountsOf("777788889999", "Example Labs", "8888777700",
			[2]string{"labs-prod", "research"}),
	}
	for _, p := range []*payer{group, europe, labs} {
		p.tariffs = &tariffs{currency: p.currency, factor: dec("1"), made: map[tariffKey]*tariff{}}
	}
	europe.tariffs.factor = dec("0.92")

	group.accounts = append(group.accounts, workloads(s.accounts, len(group.accounts))...)
	group.callers = append(e.groupCallers(group, s), e.crowd(group)...)
	europe.callers = e.europeCallers(europe)
	labs.callers = e.labsCallers(labs)
	for _, p := range []*payer{group, europe, labs} {
		e.finish(p)
	}
	group.steady = append(groupModelServices(group), groupServices(group)...)
	europe.steady = europeServices(europe)
	labs.steady = labsServices(labs)
	if s.hourly() {
		group.pace = e.paceOf(group)
	}
	if s.fleet > 0 {
		group.fleet = e.fleetOf(group)
	}
	return []*payer{group, europe, labs}
}
