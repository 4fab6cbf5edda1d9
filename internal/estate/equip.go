package estate

// finish gives the callers of a payer what no list says: who is untagged (6 %),
// who moves to another team in mid-year, and whose team key is spelt "Team".
func (e *Estate) finish(p *payer) {
	r := e.rng("finish", p.id)
	order := r.Perm(len(p.callers))
	untagged := (len(p.callers)*6 + 50) / 100
	for rank, i := range order {
		c := p.callers[i]
		c.teamKey = "team"
		switch {
		case rank < untagged:
			c.noTags = true
		case rank%11 == 5:
			next := e.teams[(r.IntN(len(e.teams)-1)+1+teamIndex(c.team))%len(e.teams)]
			c.moved = &next
			if c.movedOn.IsZero() {
				c.movedOn = e.retagged()
			}
		case rank%17 == 8:
			c.teamKey = "Team"
		}
		e.equip(p, c)
	}
}

// equip works out what the caller's lines have in common.
func (e *Estate) equip(p *payer, c *identity) {
	for _, o := range c.offers {
		one := bought{resource: resourceOf(c, o)}
		for k, m := range o.meters {
			if m != nil {
				one.tariffs[k] = p.tariffs.of(m, c.region)
			}
		}
		c.bought = append(c.bought, one)
	}
	if c.noTags {
		return
	}
	c.badges[0] = []pair{{"cost-center", c.team.centre}, {c.teamKey, c.team.name}}
	if c.moved != nil {
		c.badges[1] = []pair{{"cost-center", c.moved.centre}, {c.teamKey, c.moved.name}}
	}
}

// bought is an offer in one region, as one caller calls it.
type bought struct {
	tariffs  [kinds]*tariff // nil for kinds that are not sold
	resource string
}

func teamIndex(t team) int {
	for i := range teams {
		if teams[i] == t {
			return i
		}
	}
	panic("BUG: team " + t.name)
}
