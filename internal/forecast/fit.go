package forecast

import (
	"math"

	"gonum.org/v1/gonum/optimize"
)

// The rule from which the fit starts and to which little history leaves it.
var usual = damped{level: 0.1, trend: 0.03, season: 0.1, damping: 0.98}

const (
	// pull is how many days of history weigh as much as the usual rule.
	pull = 10
	// tries bounds the fit.
	tries = 120
	// fitted is how many days a rule is fitted to at least.
	fitted = 8 * week
)

// looked are the sums of days by whose errors rules are compared: a day, a week
// and four, so that none of them is good for one day and bad for a month.
var looked = [...]int{1, week, 4 * week}

// fit returns the rule that has forecast the days best.
func fit(y []float64) damped {
	if len(y) < fitted {
		return damped{level: usual.level, season: usual.season, damping: usual.damping}
	}
	start := usual.point()
	problem := optimize.Problem{Func: func(x []float64) float64 {
		far := 0.0
		for i := range x {
			far += (x[i] - start[i]) * (x[i] - start[i])
		}
		return rule(x).loss(y) + far*pull/float64(len(y))
	}}
	// The only errors are of settings and of functions that are no number; the
	// best point found stands in any case.
	result, err := optimize.Minimize(problem, start, &optimize.Settings{FuncEvaluations: tries}, &optimize.NelderMead{})
	if result == nil {
		panic("BUG: fit: " + err.Error())
	}
	return rule(result.X)
}

// rule reads a point of the search: every point is a rule.
func rule(x []float64) damped {
	return damped{level: logistic(x[0]), trend: logistic(x[1]), season: logistic(x[2]), damping: leastDamping + dampings*logistic(x[3])}
}

// The damping is between these.
const leastDamping, dampings = 0.9, 0.0999

func (d damped) point() []float64 {
	return []float64{logit(d.level), logit(d.trend), logit(d.season), logit((d.damping - leastDamping) / dampings)}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
func logit(p float64) float64    { return math.Log(p / (1 - p)) }

// loss is how badly the rule would have forecast the days: the logarithms of
// the mean absolute errors of looked, added, so that no unit counts.
func (d damped) loss(y []float64) float64 {
	sums := runningSums(y)
	var off [len(looked)]float64
	var n [len(looked)]int
	m := startOf(y, d)
	for t, v := range y {
		if t >= 2*week {
			slope, level, sum, k := m.slope, m.level+m.extra, 0.0, 0
			for h := 1; t+h <= len(y) && k < len(looked); h++ {
				slope *= d.damping
				level += slope
				sum += level + m.days[(m.at+h-1)%week]
				if h == looked[k] {
					off[k] += math.Abs(sums[t+h] - sums[t] - sum)
					n[k]++
					k++
				}
			}
		}
		m.learn(v)
	}
	total := 0.0
	for k := range off {
		if off[k] > 0 {
			total += math.Log(off[k] / float64(n[k]))
		}
	}
	return total
}

// runningSums returns the sums of the first 0, 1, … days.
func runningSums(y []float64) []float64 {
	sums := make([]float64, len(y)+1)
	for i, v := range y {
		sums[i+1] = sums[i] + v
	}
	return sums
}
