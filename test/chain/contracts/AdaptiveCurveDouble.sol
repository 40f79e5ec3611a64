// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;

import {IIrm} from "@morpho-org/morpho-blue/src/interfaces/IIrm.sol";
import {Id, Market, MarketParams} from "@morpho-org/morpho-blue/src/interfaces/IMorpho.sol";
import {MarketParamsLib} from "@morpho-org/morpho-blue/src/libraries/MarketParamsLib.sol";

/// A double of Morpho's AdaptiveCurveIrm, which no package holds: the same formula, written anew for the tests. Its
/// figures were compared with those of the published source.
contract AdaptiveCurveDouble is IIrm {
    using MarketParamsLib for MarketParams;

    int256 private constant ONE = 1e18;
    int256 private constant YEAR = 365 days;
    int256 private constant TARGET = 9e17;
    int256 private constant STEEPNESS = 4e18;
    int256 private constant SPEED = 50e18 / YEAR;
    int256 private constant FIRST = 4e16 / YEAR;
    int256 private constant LEAST = 1e15 / YEAR;
    int256 private constant MOST = 2e18 / YEAR;
    int256 private constant LN_2 = 693147180559945309;

    mapping(Id => int256) public rateAtTarget;

    function borrowRateView(MarketParams memory params, Market memory market) external view returns (uint256 rate) {
        (rate,) = rates(rateAtTarget[params.id()], market);
    }

    function borrowRate(MarketParams memory params, Market memory market) external returns (uint256 rate) {
        Id id = params.id();
        (rate, rateAtTarget[id]) = rates(rateAtTarget[id], market);
    }

    function rates(int256 start, Market memory market) public view returns (uint256 rate, int256 end) {
        int256 err = deviation(market);
        if (start == 0) return (uint256(curve(FIRST, err)), FIRST);
        int256 adaptation = SPEED * err / ONE * int256(block.timestamp - market.lastUpdate);
        if (adaptation == 0) return (uint256(curve(start, err)), start);
        end = moved(start, adaptation);
        rate = uint256(curve((start + end + 2 * moved(start, adaptation / 2)) / 4, err));
    }

    function deviation(Market memory market) private pure returns (int256) {
        uint256 supply = market.totalSupplyAssets;
        int256 utilization = supply == 0 ? int256(0) : int256(uint256(market.totalBorrowAssets) * 1e18 / supply);
        return (utilization - TARGET) * ONE / (utilization > TARGET ? ONE - TARGET : TARGET);
    }

    function curve(int256 height, int256 err) private pure returns (int256) {
        int256 slope = err < 0 ? ONE - ONE * ONE / STEEPNESS : STEEPNESS - ONE;
        return (slope * err / ONE + ONE) * height / ONE;
    }

    function moved(int256 start, int256 adaptation) private pure returns (int256 rate) {
        rate = start * exp(adaptation) / ONE;
        if (rate > MOST) return MOST;
        if (rate < LEAST) return LEAST;
    }

    function exp(int256 x) public pure returns (int256) {
        if (x < -41446531673892822312) return 0;
        if (x >= 93859467695000404319) return 57716089161558943949701069502944508345128422502756744429568;
        int256 q = (x < 0 ? x - LN_2 / 2 : x + LN_2 / 2) / LN_2;
        int256 r = x - q * LN_2;
        int256 e = ONE + r + r * r / ONE / 2;
        return q < 0 ? e >> uint256(-q) : e << uint256(q);
    }
}
