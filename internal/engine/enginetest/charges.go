package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"showback"
	"showback/internal/explore/exploretest"
)

// generator makes charges and plans at random, the same for the same seed.
// What it makes is small on purpose, so that values meet: few callers, few
// meters, few days.
type generator struct {
	*rand.Rand
	modest bool // amounts are of a size that bills have
}

func newGenerator(seed uint64) generator {
	return generator{Rand: rand.New(rand.NewPCG(seed, 0x5b0))}
}

func pick[T any](g generator, from []T) T { return from[g.IntN(len(from))] }

// oneIn reports true once in n times.
func (g generator) oneIn(n int) bool { return g.IntN(n) == 0 }

var months = []showback.Month{"2026-09", "2026-10", "2026-11"}

// profile is what the charges of one delivery share. Commitments says whether
// the delivery has charges of savings plans and reservations, and whether it
// has the columns that make them amortized. The net columns of commitments are
// there exactly when both net costs and the other columns are: AWS fills them
// together.
type profile struct {
	payer, export, payerName string
	month                    showback.Month
	currencies               []string
	net, blended, list       bool
	noCallerColumn           bool
	daily                    bool // no usage is shorter than a day
	commitments              int  // 0 none, 1 with columns, 2 without
}

// charges returns up to most charges over a few deliveries. Their amounts are
// those that a bill states; fill gives what follows from them.
func (g generator) charges(most int) []showback.Charge {
	var profiles []profile
	for _, m := range months {
		for _, p := range []profile{
			{payer: "111122223333", payerName: "Main, Inc.", export: "bill", currencies: []string{"USD"}},
			{payer: "444455556666", export: "org-bill", currencies: []string{"USD", "KRW"}},
		} {
			if g.oneIn(4) {
				continue
			}
			p.month = m
			p.net, p.blended, p.list = g.oneIn(2), g.oneIn(3), g.oneIn(2)
			p.noCallerColumn = g.oneIn(6)
			p.daily = g.oneIn(4)
			p.commitments = g.IntN(3)
			profiles = append(profiles, p)
		}
	}
	var out []showback.Charge
	if len(profiles) == 0 {
		return nil
	}
	for range g.IntN(most + 1) {
		out = append(out, g.charge(pick(g, profiles)))
	}
	return out
}

// fill returns the charges with all amounts that a reader would give them.
func fill(charges []showback.Charge) []showback.Charge {
	out := append([]showback.Charge(nil), charges...)
	if err := exploretest.FillAmounts(out); err != nil {
		panic("BUG: generated charges contradict themselves: " + err.Error())
	}
	return out
}

var (
	usageTypes      = []string{"Usage", "Usage", "Usage", "Usage", "Usage"}
	otherTypes      = []string{"Tax", "Credit", "Refund", "EdpDiscount", "Discount", "BundledDiscount", "Fee", "FlatRateSubscription", "SomethingNew"}
	commitmentTypes = []string{"SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee", "SavingsPlanUpfrontFee", "DiscountedUsage", "RIFee", "Fee"}
)

func (g generator) charge(p profile) showback.Charge {
	types := append(append([]string{}, usageTypes...), otherTypes...)
	if p.commitments > 0 {
		types = append(append(types, commitmentTypes...), commitmentTypes...)
	}
	c := showback.Charge{
		Payer: p.payer, PayerName: p.payerName, Export: p.export, Month: p.month,
		Account:         pick(g, []string{p.payer, "222233334444", "333344445555"}),
		NoCallerColumn:  p.noCallerColumn,
		Type:            pick(g, types),
		UsageStart:      g.usageStart(p.month),
		Meter:           pick(g, meters),
		Resource:        pick(g, []string{"", "", "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", "i-0abc, \"quoted\""}),
		Tags:            g.tags(),
		BillType:        pick(g, []string{"Anniversary", "Anniversary", "Anniversary", "Purchase", "Refund", ""}),
		BillingEntity:   "AWS",
		InvoicingEntity: pick(g, []string{"Amazon Web Services, Inc.", "Amazon Web Services EMEA SARL", ""}),
		LegalEntity:     pick(g, []string{"Amazon Web Services, Inc.", "Example Seller GmbH"}),
		Invoice:         pick(g, []string{"", "2100000001", "2100000002"}),
		Currency:        pick(g, p.currencies),
		Amounts:         map[showback.Basis]showback.Decimal{showback.Unblended: g.amount()},
	}
	c.UsageEnd = c.UsageStart.Add(time.Hour)
	if p.daily {
		c.UsageStart = showback.Day(c.UsageStart)
		c.UsageEnd = c.UsageStart.AddDate(0, 0, 1)
	}
	if strings.HasPrefix(c.Meter.UsageType, "USE1-MP:") || len(c.Meter.ProductCode) > 20 && c.Meter.ServiceCode == "" {
		c.BillingEntity = "AWS Marketplace"
	}
	c.Meter.BillingEntity = c.BillingEntity
	if !p.noCallerColumn {
		c.Caller = pick(g, callers)
	}
	if !g.oneIn(5) {
		q := g.amount().Abs()
		c.Quantity = &q
	}
	g.setAmounts(&c, p)
	return c
}

// setAmounts gives the amounts that the delivery states beside the unblended.
func (g generator) setAmounts(c *showback.Charge, p profile) {
	if p.net {
		c.Amounts[showback.NetUnblended] = g.amount()
	}
	if p.blended {
		c.Amounts[showback.Blended] = g.amount()
	}
	if p.list && !g.oneIn(3) {
		c.Amounts[showback.List] = g.amount()
	}
	if p.commitments != 1 {
		return
	}
	var amortized, net showback.Decimal
	switch c.Type {
	case "SavingsPlanCoveredUsage", "DiscountedUsage", "RIFee":
		amortized, net = g.amount(), g.amount()
	case "SavingsPlanRecurringFee":
		amortized = g.amount()
		net = amortized
	case "SavingsPlanNegation", "SavingsPlanUpfrontFee":
	case "Fee":
		if g.oneIn(2) || c.Amounts[showback.Unblended].IsZero() {
			return
		}
	default:
		return
	}
	c.Amounts[showback.Amortized] = amortized
	if p.net {
		c.Amounts[showback.NetAmortized] = net
	}
}

// usageStart is mostly in the month; sometimes at its very edges or outside.
func (g generator) usageStart(m showback.Month) time.Time {
	p := m.Period()
	if g.oneIn(6) {
		return pick(g, []time.Time{
			p.Start, p.Start.Add(-time.Hour), p.Start.AddDate(0, -1, 3),
			p.End, p.End.Add(-time.Second), p.End.AddDate(0, 0, 12), p.End.Add(-25 * time.Hour),
		})
	}
	hours := int(p.End.Sub(p.Start) / time.Hour)
	if g.oneIn(2) {
		hours = 72 // so that charges share days
	}
	return p.Start.Add(time.Duration(g.IntN(hours)) * time.Hour)
}

// amount is of any size that a ledger must hold, from 1e-19 to 10^12, often
// one that others share, so that sums cancel. Modest ones are below a thousand.
func (g generator) amount() showback.Decimal {
	if g.modest && g.oneIn(2) {
		return showback.MustDecimal(pick(g, []string{"0", "1", "-1", "0.5", "-3.25", "0.0000000001", "0.0000000000000000001", "0.00006", "999.9999999999999999999"}))
	}
	sizes := []uint64{1, 10, 1000, 1_000_000}
	if g.modest {
		sizes = sizes[:3]
	}
	if !g.modest && g.oneIn(2) {
		return showback.MustDecimal(pick(g, []string{
			"0", "1", "-1", "0.5", "-3.25", "0.0000000001", "0.0000000000000000001", "-0.0000000000000000001",
			"0.1234567890123", "1000000000000", "-1000000000000", "999999999999.9999999999999999999",
		}))
	}
	digits := fmt.Sprintf("%d.%019d", g.Uint64N(pick(g, sizes)), g.Uint64N(10_000_000_000_000_000_000))
	d := showback.MustDecimal(digits).Round(pick(g, []int32{2, 6, 10, 13, 19}))
	if g.oneIn(4) {
		d = d.Neg()
	}
	return d
}

var callers = []string{
	"", "",
	"arn:aws:iam::111122223333:user/alice",
	"arn:aws:iam::111122223333:user/team/bob",
	"arn:aws:iam::111122223333:user/BedrockAPIKey-1a2b",
	"arn:aws:iam::111122223333:role/service/app",
	"arn:aws:iam::111122223333:root",
	"arn:aws:sts::111122223333:assumed-role/app/job-1",
	"arn:aws:sts::111122223333:assumed-role/app/job-2",
	"arn:aws:sts::111122223333:assumed-role/app/alice@example.com",
	"arn:aws:sts::222233334444:assumed-role/app/Alice@Example.com",
	"arn:aws:sts::222233334444:assumed-role/gateway/claude-code-bob",
	"arn:aws:sts::222233334444:assumed-role/gateway/claude-code-alice",
	"arn:aws:sts::222233334444:assumed-role/gateway/nightly",
	"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/bob@example.com",
	"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/alice@example.com",
	"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_fedcba9876543210/Carol",
	"arn:aws-cn:sts::333344445555:assumed-role/app/alice@example.com",
	"arn:aws-us-gov:sts::333344445555:federated-user/bob",
	"something else, (not) an ARN",
}

// tagPool has the same key from several sources, keys that differ in case, and
// values that look like the words of an answer.
var tagPool = []struct {
	key    showback.TagKey
	values []string
}{
	{showback.TagKey{Source: showback.TagCaller, Name: "team"}, []string{"search", "support", "Search", "(untagged)"}},
	{showback.TagKey{Source: showback.TagCaller, Name: "Team"}, []string{"search"}},
	{showback.TagKey{Source: showback.TagCaller, Name: "Cost Center"}, []string{"4711", "a,b;\"c\"", "größe 金"}},
	{showback.TagKey{Source: showback.TagResource, Name: "team"}, []string{"platform", "search"}},
	{showback.TagKey{Source: showback.TagResource, Name: "app"}, []string{"chat", "chat*", "chat\\bot"}},
	{showback.TagKey{Source: showback.TagAccount, Name: "env"}, []string{"prod", "dev"}},
	{showback.TagKey{Source: showback.TagUserAttribute, Name: "division"}, []string{"emea"}},
	{showback.TagKey{Source: showback.TagCostCategory, Name: "unit"}, []string{"retail", "(shared)"}},
}

func (g generator) tags() map[showback.TagKey]string {
	var tags map[showback.TagKey]string
	for _, t := range tagPool {
		if g.oneIn(3) {
			if tags == nil {
				tags = map[showback.TagKey]string{}
			}
			tags[t.key] = pick(g, t.values)
		}
	}
	return tags
}

// meters are one of each kind that rules tell apart, and some they do not.
var meters = []showback.Meter{
	bedrock("USE1-NovaLite-input-tokens"),
	bedrock("USE1-NovaLite-output-tokens"),
	bedrock("USE1-NovaLite-cache-read-input-token-count"),
	bedrock("USE1-Claude4.6Sonnet-output-tokens-cross-region-global"),
	bedrock("USE1-gpt-oss-120b-output-tokens-priority"),
	bedrock("USE1-Guardrail-TextUnitsConsumed"),
	bedrock("USE1-SomethingNobodyKnows"),
	bedrock(""),
	{ProductCode: "AmazonBedrockService", UsageType: "USW2-NovaPro-input-tokens-batch", Operation: "InvokeModelInference", Unit: "1M tokens", ServiceCode: "AmazonBedrockService", ProductFamily: "Amazon Bedrock", Region: "us-west-2", ProductName: "Amazon Bedrock Service"},
	{ProductCode: "AmazonBedrockAgentCore", UsageType: "USE1-Runtime:Consumption-based:vCPU", Unit: "vCPU-Hours", ServiceCode: "AmazonBedrockAgentCore", ProductFamily: "Amazon Bedrock", Region: "us-east-1", ProductName: "Amazon Bedrock AgentCore"},
	{ProductCode: "1a2b3c4d5e6f7g8h9i0j1k2l3", UsageType: "USE1-MP:USE1_InputTokenCount-Units", Operation: "Usage", Unit: "Units", Region: "us-east-1", ProductName: "Claude Sonnet 4.6 (Amazon Bedrock Edition)", Description: "AWS Marketplace software usage|us-east-1|Million Input Tokens Regional CRIS"},
	{ProductCode: "1a2b3c4d5e6f7g8h9i0j1k2l3", UsageType: "USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units", Operation: "Usage", Unit: "Units", Region: "us-east-1", ProductName: "Claude Sonnet 4.6 (Amazon Bedrock Edition)", Description: "AWS Marketplace software usage|us-east-1|Million Cache Write 1h Input Tokens Global"},
	{ProductCode: "1a2b3c4d5e6f7g8h9i0j1k2l3"}, // the same product's tax, which has nothing but the code
	{ProductCode: "AmazonEC2", UsageType: "USE1-BoxUsage:m7i.large", Operation: "RunInstances", Unit: "Hrs", ServiceCode: "AmazonEC2", ProductFamily: "Compute Instance", Region: "us-east-1", ProductName: "Amazon Elastic Compute Cloud", PurchaseTerm: "OnDemand"},
	{ProductCode: "AmazonS3", UsageType: "TimedStorage-ByteHrs", Unit: "GB-Mo", ServiceCode: "AmazonS3"},
	{ProductCode: "OCBPremiumSupport"},
}

func bedrock(usageType string) showback.Meter {
	return showback.Meter{
		ProductCode: "AmazonBedrock", UsageType: usageType, Operation: "InvokeModelInference", Unit: "1K tokens",
		ServiceCode: "AmazonBedrock", ProductFamily: "Amazon Bedrock", Region: "us-east-1", ProductName: "Amazon Bedrock",
		Provider: "Amazon", Rate: "0.00006", Description: "$0.00006 per 1K tokens",
	}
}
