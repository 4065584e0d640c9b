/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DERM_BASE_ANGLE_H
#define DERM_BASE_ANGLE_H

/* Of the direction (x, y), degrees in (-180, 180]; 0 for no direction. Made of + - * / and square
 * roots: the same on every machine, which libm's is not. */
double derm_angle_deg(double y, double x);

#endif
