package estate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// crowd returns the callers of the large payer beyond those with a part of
// their own: people above all, applications, users and builds.
func (e *Estate) crowd(p *payer) []*identity {
	r := e.rng("crowd", p.id)
	var at []*account // where they call from: not where usage is billed late
	for i, a := range p.accounts {
		if i != 0 && i != 7 {
			at = append(at, a)
		}
	}
	var list []*identity
	for i := range e.scale.crowd {
		a := at[int(float64(len(at))*math.Pow(r.Float64(), 1.5))]
		c := &identity{account: a, team: e.teams[int(float64(len(e.teams))*math.Pow(r.Float64(), 1.6))], region: p.regions[r.IntN(len(p.regions))],
			offers: crowdOffers(r), busy: 0.42, volume: 1500, joins: max(0, r.IntN(24)-12),
			movedOn: e.months[0].Start().AddDate(0, 0, 31+r.IntN(e.dayCount()-31))}
		c.name(i, r)
		list = append(list, c)
	}
	return list
}

// name makes the caller one of the crowd's kinds.
func (c *identity) name(i int, r *rand.Rand) {
	n := 100 + i // below, people have names elsewhere
	switch k := i % 40; {
	case k < 26:
		set, name := []string{"Developer", "DataScientist", "AIPowerUser"}[k%3], person(n)
		if k%8 == 5 {
			name = personName(n)
		}
		c.label, c.arn = "sso-"+personName(n), sessionARN(c.account, ssoRole(c.account, set), name)
	case k < 29:
		// The person before through a second role.
		c.label, c.arn = "oidc-"+personName(n-1), sessionARN(c.account, "BedrockFederatedAccess", person(n-1))
	case k < 33:
		c.label, c.arn = "claude-code-"+personName(n), sessionARN(c.account, "ClaudeCodeAccess", "claude-code-"+personName(n))
	case k < 35:
		c.label, c.arn = "user-"+personName(n), userARN(c.account, "/", personName(n))
	case k < 38:
		app := fmt.Sprintf("app-%04d", i)
		c.label, c.arn, c.weekends, c.volume = app, sessionARN(c.account, app, app+"-api"), true, 6000
		if k == 35 {
			c.app = app
		}
	case k < 39:
		c.label, c.arn, c.weekends = fmt.Sprintf("machines-%04d", i), sessionARN(c.account, fmt.Sprintf("workers-%04d", i), ""), true
		c.sessions = instanceSessions(20)
	default:
		c.label, c.arn, c.weekends = fmt.Sprintf("builds-%04d", i), sessionARN(c.account, fmt.Sprintf("ci-agent-%04d", i), ""), true
		c.sessions = buildSessions
	}
}

// buildSessions names sessions after builds, which have numbers that go up.
func buildSessions(r *rand.Rand, day time.Time) string {
	return fmt.Sprintf("build-%06d", day.Unix()/86400%10_000*20+int64(r.IntN(20)))
}

// crowdOffers returns what one of the crowd calls: one model mostly, and
// another now and then.
func crowdOffers(r *rand.Rand) []offer {
	popular := []offer{sonnetMarketGlobal, sonnetMarketGlobal, sonnetMarketGeo, haikuMarketGlobal, sonnet4Service, opusMarketGlobal, opusMantle,
		haikuMarketGeo, novaPro, novaLite, nova2Global, haiku3, llama, gptOSS, sonnetInHouse, titanEmbed}
	first := r.IntN(len(popular))
	if r.Float64() < 0.5 {
		return popular[first : first+1]
	}
	return []offer{popular[first], popular[(first+1+r.IntN(len(popular)-1))%len(popular)]}
}
