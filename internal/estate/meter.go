package estate

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"sync"

	"showback"
)

// region is an AWS region with the code that stands before its usage types.
type region struct{ code, prefix, name string }

var (
	virginia  = region{"us-east-1", "USE1", "US East (N. Virginia)"}
	oregon    = region{"us-west-2", "USW2", "US West (Oregon)"}
	frankfurt = region{"eu-central-1", "EUC1", "EU (Frankfurt)"}
	ireland   = region{"eu-west-1", "EU", "EU (Ireland)"}
)

// meter is one thing that is sold, in any region and currency. In its texts
// {p} stands for the region's usage prefix, {r} for its code, {n} for its name
// and {$} for the price.
type meter struct {
	ai        bool
	seller    string // legal entity of a Marketplace seller; empty for AWS
	code      string // line_item_product_code; made up from product for Marketplace
	product   string // product['product_name']
	family    string // product_product_family
	usage     string
	operation string
	unit      string
	describe  string
	price     showback.Decimal // dollars for one unit
	// scale is how many decimals a quantity has.
	scale int32

	provider, model, inference, feature string // product attributes of Bedrock rows
}

// tariff is a meter in one region and currency, with its texts ready to bill.
type tariff struct {
	*meter
	region      region
	code        string
	service     string // product_servicecode: empty for Marketplace rows
	usage       string
	description string
	price       fixed // in the payer's currency
	rate        string
	sku         string
	rateCode    string
	attributes  []pair // product
}

// tariffs makes and keeps the tariffs of one payer. Months that are billed at
// the same time share it.
type tariffs struct {
	currency string
	factor   showback.Decimal // currency units for a dollar
	mu       sync.Mutex
	made     map[tariffKey]*tariff
}

type tariffKey struct {
	meter  *meter
	region string
}

func (ts *tariffs) of(m *meter, r region) *tariff {
	key := tariffKey{m, r.code}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t, ok := ts.made[key]; ok {
		return t
	}
	price := m.price.Mul(ts.factor)
	fill := strings.NewReplacer("{p}", r.prefix, "{r}", r.code, "{n}", r.name, "{$}", price.String())
	t := &tariff{
		meter: m, region: r, code: m.code, service: m.code, usage: fill.Replace(m.usage),
		description: fill.Replace(m.describe), price: fixedOf(price), rate: price.Fixed(max(10, price.Scale())),
		sku: opaque(16, m.product, m.usage, r.code), attributes: m.attributes(r),
	}
	if m.seller != "" {
		t.code, t.service = opaque(25, m.product), ""
		t.rate = price.String()
	}
	t.rateCode = t.sku + ".JRTCKXETXF.6YS6EN2CT7"
	ts.made[key] = t
	return t
}

// attributes returns the product map. (AWS, "Data dictionary: product columns", 2026-10.)
func (m *meter) attributes(r region) []pair {
	var out []pair
	add := func(key, value string) {
		if value != "" {
			out = append(out, pair{key, value})
		}
	}
	add("feature", m.feature)
	add("inference_type", m.inference)
	add("model", m.model)
	add("product_name", m.product)
	add("provider", m.provider)
	if r.code != "" {
		add("region", r.name)
	}
	return out
}

// cost returns quantity × price with the ten decimals that bills have.
func (t *tariff) cost(quantity fixed) fixed { return quantity.times(t.price, 10) }

// opaque returns an identifier of at most 51 characters without meaning, always
// the same for a name.
func opaque(length int, name ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(name, "\x00")))
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
	return strings.ToLower(text[:length])
}
